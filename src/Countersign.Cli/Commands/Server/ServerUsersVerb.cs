using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Lists who has an account, with what devices, whether the server runs or not.</summary>
internal sealed class ServerUsersVerb : Verb
{
    private readonly Argument<string?> _name = new("name") { Description = "One person alone.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };

    public ServerUsersVerb() : base("users", "Lists the people with an account here, what their entries take, and their devices: until when, revoked or not.",
        new Example("server users", "Everybody."),
        new Example("server users alice --json", "One person, for a script."))
    {
        Arguments.Add(_name);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.AdministerAsync(context, async administration =>
    {
        UserName? only = context.Get(_name) is { } name ? Names.User(name) : null;
        var isAny = false;
        await foreach (var user in administration.UsersAsync(only).WithCancellation(cancellation))
        {
            if (user is { Account: null, Devices.Count: 0 })
                throw new CommandException(ExitCode.NotFound, "no-such-user", $"nobody here is called {user.User}.", context.Command("server users") + " lists everybody");
            Print(context, user, isOperator: user.User == administration.Operator);
            isAny = true;
        }
        if (!isAny)
            context.Screen.Talk("nobody has joined yet.");
        return ExitCode.Done;
    });

    private static void Print(CommandContext context, ListedUser user, bool isOperator)
    {
        var zone = context.Clock.LocalTimeZone;
        var account = user.Account is null ? "certified, has never logged in"
            : user.Account.ResetAt is { } reset ? $"was reset {Times.Minute(reset, zone)}: waits for a new device"
            : $"since {Times.Minute(user.Account.RegisteredAt, zone)}{(user.Account.IsAdministrator ? "  administrator" : "")}{(isOperator ? "  operator" : "")}";
        var devices = user.Devices is null ? ["       what is stored of the devices is damaged: " + context.Command("admin check")]
            : user.Devices.Select(device => $"       {device.Record.Device}  until {Times.Minute(device.Record.Chain.Leaf.NotAfter, zone)}  {Words(device, context)}");
        var stored = user.StoredBytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"  stores {user.StoredBytes / (1024.0 * 1024):0.0} MiB");
        context.Screen.Data(string.Join('\n', [$"{user.User}  {account}{stored}", .. devices]), Json(context, user, isOperator));
    }

    private static string Words(ListedDevice device, CommandContext context) => (State(device, context), device.Revoked) switch
    {
        ("revoked", { } grounds) => $"revoked ({RevocationOptions.Words(grounds)}){(device.IsToBeRevoked ? ", more is asked for" : "")}",
        ("to-be-revoked", _) => "is to be revoked: the running server does it within seconds, a stopped one when it starts",
        (var state, _) => state,
    };

    private static string State(ListedDevice device, CommandContext context) =>
        device.Revoked is not null ? "revoked"
        : device.IsToBeRevoked ? "to-be-revoked"
        : context.Clock.GetUtcNow() > device.Record.Chain.Leaf.NotAfter ? "expired"
        : "valid";

    private static JsonObject Json(CommandContext context, ListedUser user, bool isOperator) => JsonLine.Of("user", ("user", user.User.ToString()),
        ("administrator", user.Account?.IsAdministrator ?? false), ("operator", isOperator), ("since", user.Account is { } account ? Times.Utc(account.RegisteredAt) : null),
        ("storedBytes", user.StoredBytes), ("reset", user.Account?.ResetAt is { } reset ? Times.Utc(reset) : null),
        ("devices", user.Devices is null ? null : new JsonArray([.. user.Devices.Select(device => Json(context, device))])));

    private static JsonNode Json(CommandContext context, ListedDevice device)
    {
        var json = new JsonObject
        {
            ["certificate"] = device.Record.Device.ToString(),
            ["serial"] = device.Record.Chain.Leaf.Serial.ToString(),
            ["enrolled"] = Times.Utc(device.Record.EnrolledAt),
            ["notAfter"] = Times.Utc(device.Record.Chain.Leaf.NotAfter),
            ["state"] = State(device, context),
        };
        if (device.Revoked is { } grounds)
        {
            json["reason"] = grounds.Reason.ToString();
            json["suspectSince"] = grounds.SuspectSince is { } since ? Times.Utc(since) : null;
        }
        return json;
    }
}
