using System.Text.Json.Serialization;
using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>An event in the life of the authority, one line of its journal. The certificate's own bytes stand in the line, so that
/// recording it and keeping it are one write.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Issued), "issued")]
[JsonDerivedType(typeof(Revoked), "revoked")]
[JsonDerivedType(typeof(ListMade), "list")]
internal abstract record AuthorityRecord
{
    /// <summary>The certificate is its DER.</summary>
    public sealed record Issued(DateTimeOffset At, CertificateKind Kind, IReadOnlyList<string> Names, byte[] Certificate) : AuthorityRecord;

    /// <summary>A later one for the same certificate says more against its key.</summary>
    public sealed record Revoked(DateTimeOffset At, string Serial, RevocationReason Reason, DateTimeOffset? SuspectSince) : AuthorityRecord
    {
        [JsonIgnore]
        public RevocationGrounds Grounds => new RevocationGrounds(Reason, SuspectSince).AsListed();
    }

    /// <summary>Written before the list is signed: its number is used up even if the list is never seen.</summary>
    public sealed record ListMade(DateTimeOffset At, long Number) : AuthorityRecord;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AuthorityRecord))]
internal sealed partial class AuthorityJson : JsonSerializerContext;
