namespace Countersign.Cli;

/// <summary>One attack: what the attacker does, what has to come of it, and the doing.</summary>
internal abstract class Attack
{
    /// <summary>Its numbers: A1 to A30 of the attack suite, or the rule of SPEC it tries to break.</summary>
    public abstract IReadOnlyList<string> Ids { get; }

    /// <summary>One line: what the attacker did.</summary>
    public abstract string Did { get; }

    /// <summary>One line: what happened, if it is what has to happen. Read after the attack.</summary>
    public abstract string Happened { get; }

    /// <summary>What every try has to come to: each of these at least once, and nothing else.</summary>
    public abstract IReadOnlyCollection<Outcome> Expected { get; }

    /// <summary>Attacks, and leaves the world fit for the next attack.</summary>
    /// <exception cref="DemoException">Something did not happen at all.</exception>
    public abstract Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation);
}
