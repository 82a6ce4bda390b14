using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>What came of one try of an attack: a closed set, taken from what the attacked side did.</summary>
internal abstract record Outcome
{
    private Outcome() { }

    /// <summary>The attacked side refused, with this code of SPEC section 12.</summary>
    public sealed record Refused(WireCode Code) : Outcome
    {
        public override string ToString() => Code.Name();
    }

    /// <summary>The change was noticed and named: a reason of SPEC section 15, or a warning of the client.</summary>
    public sealed record Noticed(string Reason) : Outcome
    {
        public override string ToString() => Reason;
    }

    /// <summary>The attacker got nothing that he did not have.</summary>
    public sealed record NothingLearned : Outcome
    {
        public override string ToString() => "nothing learned";
    }

    /// <summary>The attacked went on as if nobody had attacked.</summary>
    public sealed record NoEffect : Outcome
    {
        public override string ToString() => "no effect";
    }

    /// <summary>The attack worked.</summary>
    public sealed record Succeeded(string How) : Outcome
    {
        public override string ToString() => $"it worked: {How}";
    }
}
