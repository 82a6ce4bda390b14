namespace Countersign.Evidence.Tests;

internal static class Refused
{
    /// <summary>The action is refused with this fault under this rule.</summary>
    public static void With(EntryFault fault, string rule, Action action)
    {
        var refusal = Assert.Throws<EntryRefusedException>(action);
        Assert.Equal((fault, rule), (refusal.Fault, refusal.Rule));
    }
}
