namespace Countersign.Cli;

/// <summary>The judgement over one attack. Only <see cref="Of"/> and <see cref="NotDone"/> make it.</summary>
internal sealed class AttackVerdict
{
    private AttackVerdict(Attack attack, bool ok, string happened) => (Attack, Ok, Happened) = (attack, ok, happened);

    public Attack Attack { get; }

    /// <summary>It ended as documented.</summary>
    public bool Ok { get; }

    public string Happened { get; }

    /// <summary>The outcomes are exactly those that the attack has to have: an attack that was not tried is no success of ours.</summary>
    public static AttackVerdict Of(Attack attack, IReadOnlyList<Outcome> outcomes)
    {
        var ok = outcomes.Count > 0 && outcomes.ToHashSet().SetEquals(attack.Expected);
        return new AttackVerdict(attack, ok, ok ? attack.Happened : $"expected {List(attack.Expected)}, and came to {List(outcomes.Distinct())}");
    }

    /// <summary>The attack did not come to its end.</summary>
    public static AttackVerdict NotDone(Attack attack, string why) => new(attack, ok: false, "did not come to its end: " + why);

    private static string List(IEnumerable<Outcome> outcomes) => outcomes.Any() ? string.Join(", ", outcomes) : "nothing";
}
