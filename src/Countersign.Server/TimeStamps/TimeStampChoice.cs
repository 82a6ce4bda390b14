namespace Countersign.Server;

/// <summary>Where a server gets trusted time from: nowhere, its own authority, or one that answers at a URL.</summary>
public abstract record TimeStampChoice
{
    private TimeStampChoice() { }

    /// <summary>Heads are not stamped; the bundle says that time is not proved.</summary>
    public sealed record None : TimeStampChoice
    {
        public override string ToString() => "none";
    }

    /// <summary>The server's own authority, certified by its issuing CA: as good as whoever holds the server's files.</summary>
    public sealed record Self : TimeStampChoice
    {
        public override string ToString() => "self";
    }

    /// <summary>An authority under the same root, asked as RFC 3161 section 3.4 says.</summary>
    /// <param name="Address">http or https: a token proves itself.</param>
    public sealed record Remote(Uri Address) : TimeStampChoice
    {
        public override string ToString() => Address.AbsoluteUri;
    }

    /// <summary>Reads `none`, `self`, or a URL; null for anything else.</summary>
    public static TimeStampChoice? Parse(string text) => text switch
    {
        "none" => new None(),
        "self" => new Self(),
        _ => Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? new Remote(address)
            : null,
    };
}
