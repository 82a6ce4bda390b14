namespace Countersign.Client;

/// <summary>What the server delivered breaks a rule that ends the trust in a conversation (EN-18).</summary>
internal sealed class BreachException(string rule) : Exception(rule)
{
    public string Rule { get; } = rule;
}
