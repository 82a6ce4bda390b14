namespace Countersign.Server;

/// <summary>What the links of one user may send.</summary>
/// <param name="Entries">Entries submitted.</param>
/// <param name="Requests">Everything else.</param>
internal sealed record UserBudget(Budget Entries, Budget Requests);
