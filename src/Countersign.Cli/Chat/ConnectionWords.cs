using System.Globalization;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Connection states and the ends of links in words.</summary>
internal static class ConnectionWords
{
    public static string Of(ConnectionState state, TimeZoneInfo zone) => state switch
    {
        ConnectionState.Offline => "○ offline",
        ConnectionState.Connecting => "◌ connecting",
        ConnectionState.Online online => "● connected since " + Times.Clock(online.Since, zone),
        ConnectionState.Waiting waiting => string.Create(CultureInfo.InvariantCulture,
            $"◌ not connected: {Of(waiting.Cause)}; next attempt {TimeZoneInfo.ConvertTime(waiting.Until, zone):HH:mm:ss}"),
        ConnectionState.Refused refused => "✗ refused: " + Of(refused.Cause),
        _ => throw new InvalidOperationException("unknown state"),
    };

    public static string Of(LinkEnd end) => end switch
    {
        LinkEnd.Network network => network.What,
        LinkEnd.Storage => "this device's files cannot be written: is the disk full?",
        LinkEnd.OwnFault { Cause: ProfileException damage } => damage.Message,
        LinkEnd.OwnFault own => $"a fault of this program: {own.Cause.GetType().Name}: {Visible.Line(own.Cause.Message)}",
        LinkEnd.ToldByServer told => told.Code is WireCode.Shutdown ? "the server is going down" : $"the server said {told.Code.Name()}",
        LinkEnd.ServerFault fault => $"the server broke the protocol ({fault.Rule})",
        LinkEnd.WrongServer wrong => $"this is not the server this device was enrolled with ({wrong.Fault}, {wrong.Fault.Rule()})",
        LinkEnd.OwnCertificate own => $"this device's own certificate is no longer good ({own.Fault}, {own.Fault.Rule()})",
        LinkEnd.PassphraseChangedElsewhere => "the account's passphrase was changed on another device",
        LinkEnd.AccountRenewedElsewhere => "the account's keys were renewed on another device",
        _ => throw new InvalidOperationException("unknown end"),
    };
}
