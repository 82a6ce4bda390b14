namespace Countersign.Authority;

/// <summary>How long things are valid unless the operator says otherwise.</summary>
public static class Lifetimes
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static TimeSpan Root { get; } = 20 * Year;
    public static TimeSpan IssuingAuthority { get; } = 5 * Year;
    public static TimeSpan Server { get; } = Year;
    public static TimeSpan Device { get; } = Year;
    public static TimeSpan TimeStampAuthority { get; } = Year;

    /// <summary>From thisUpdate to nextUpdate of an offline root's list.</summary>
    public static TimeSpan RootList { get; } = Year;

    /// <summary>From thisUpdate to nextUpdate of an issuing CA's list.</summary>
    public static TimeSpan IssuingList { get; } = TimeSpan.FromDays(30);

    /// <summary>How far notBefore and thisUpdate lie in the past, for verifiers whose clocks are behind.</summary>
    public static TimeSpan Backdating { get; } = TimeSpan.FromMinutes(10);
}
