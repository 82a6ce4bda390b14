using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>A request is not done and the link stays: answered by `refused` with this code (SPEC 12).</summary>
internal sealed class RequestRefusedException(WireCode code, string rule) : Exception($"{code.Name()} ({rule})")
{
    public WireCode Code => code;

    /// <summary>For the log.</summary>
    public string Rule => rule;
}
