using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Turns what the attacked side does into an outcome.</summary>
internal static class Tries
{
    /// <summary>Runs one try: refused with the code that came, or it worked.</summary>
    public static async Task<Outcome> OfAsync(string what, Func<Task> attempt)
    {
        try
        {
            await attempt();
            return new Outcome.Succeeded(what);
        }
        catch (PeerAlertException e)
        {
            return new Outcome.Refused(e.Code);
        }
        catch (RefusedRequestException e)
        {
            return new Outcome.Refused(e.Code);
        }
    }
}

/// <summary>The server refused a request and kept the link.</summary>
internal sealed class RefusedRequestException(WireCode code) : Exception("refused: " + code.Name())
{
    public WireCode Code { get; } = code;
}
