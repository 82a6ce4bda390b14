using System.Globalization;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>Positions from the first to the last, both included.</summary>
public readonly record struct PositionRange
{
    /// <exception cref="ArgumentException">The last comes before the first.</exception>
    public PositionRange(ulong first, ulong last)
    {
        if (last < first)
            throw new ArgumentException("A range ends where it begins or later.", nameof(last));
        (First, Last) = (first, last);
    }

    public ulong First { get; }
    public ulong Last { get; }

    public bool Contains(ulong position) => First <= position && position <= Last;

    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}

/// <summary>Which messages an exported bundle lets its reader read: a closed set. All others are withheld: counted and in their
/// place, but closed.</summary>
public abstract record Disclosure
{
    private Disclosure() { }

    /// <summary>Every message whose key this device has.</summary>
    public sealed record All : Disclosure;

    public sealed record None : Disclosure;

    /// <summary>The messages in these ranges; a range of one position must be a message that this device can disclose.</summary>
    public sealed record Of(IReadOnlyList<PositionRange> Ranges) : Disclosure;
}

/// <summary>What to export.</summary>
public sealed record ExportRequest
{
    public Disclosure Disclosure { get; init; } = new Disclosure.None();

    /// <summary>Number of entries at which the bundle ends at the latest; null for everything. It ends where the server has
    /// signed: at the largest signed head held that is not above this.</summary>
    public ulong? Until { get; init; }

    /// <summary>Runs of withheld messages stand as subtree hashes: a smaller file (<see cref="BundleContents.Compact"/>).</summary>
    public bool Compact { get; init; }
}

/// <summary>A conversation cannot be exported like this.</summary>
public sealed class ExportRefusedException : ClientException
{
    internal ExportRefusedException(ExportRefusal reason, ulong? position = null) : base($"The export is refused: {reason}.") =>
        (Reason, Position) = (reason, position);

    public ExportRefusal Reason { get; }

    /// <summary>The entry it concerns.</summary>
    public ulong? Position { get; }
}

public enum ExportRefusal
{
    /// <summary>No head the server signed is held at or below the size asked for: there is nothing yet that others could check.</summary>
    NoSignedHead,

    /// <summary>The position is not below the end of the bundle.</summary>
    NoSuchEntry,

    /// <summary>The entry is no message.</summary>
    NoMessage,

    /// <summary>This device has no key for the message: it was never meant for it, does not open, or was erased.</summary>
    NoKey,

    /// <summary>The transcript stored on this device was changed behind its back.</summary>
    TranscriptChanged,
}
