using System.Globalization;
using Countersign.Client;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>The delivery words with their glyphs: queued, sent, accepted, delivered, final; waiting and failed. Nothing is called more
/// than it is.</summary>
internal static class DeliveryMark
{
    /// <summary>Glyph and word, with the count where there is one.</summary>
    public static string Of(Delivery delivery) => delivery.Word switch
    {
        DeliveryWord.Queued => "◌ queued",
        DeliveryWord.Sent => "→ sent",
        DeliveryWord.Accepted => "✓ accepted",
        DeliveryWord.Delivered => string.Create(CultureInfo.InvariantCulture, $"✓✓ delivered {delivery.Devices} of {delivery.Of}"),
        DeliveryWord.Final => "■ final",
        DeliveryWord.Waiting when delivery.Failure is { } code => $"◌ waiting: {Why(code)} ({code.Name()})",
        DeliveryWord.Failed when delivery.Failure is WireCode.Stale => "✗ failed: it was for one person, and others have come (STALE)",
        _ => "✗ failed" + (delivery.Failure is { } code ? $" ({code.Name()})" : ""),
    };

    /// <summary>Why the server refuses something for now.</summary>
    public static string Why(WireCode code) => code switch
    {
        WireCode.TooLarge => "the server has no room for it",
        WireCode.NotMember => "you are no member now",
        _ => "the server refused it",
    };

    /// <summary>The word alone, for JSON.</summary>
    public static string Word(Delivery delivery) => delivery.Word.ToString().ToLowerInvariant();

    /// <summary>All other devices hold it.</summary>
    public static bool IsComplete(Delivery delivery) =>
        delivery.Word is DeliveryWord.Final || delivery is { Word: DeliveryWord.Delivered } && delivery.Devices >= delivery.Of;
}
