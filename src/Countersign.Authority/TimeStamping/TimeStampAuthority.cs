using System.Security.Cryptography.Pkcs;
using Countersign.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Cmp;
using Org.BouncyCastle.Cms;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Tsp;
using Org.BouncyCastle.Utilities.Collections;
using BcCertificate = Org.BouncyCastle.X509.X509Certificate;

namespace Countersign.Authority;

/// <summary>A time-stamp authority of RFC 3161: says by its signature that a hash was shown to it at a time.</summary>
/// <remarks>Thread-safe. Owns its key until disposed. Every token has its own serial number and carries the certificates up to the
/// root, without it.</remarks>
public sealed class TimeStampAuthority : IDisposable
{
    /// <summary>Largest request in bytes.</summary>
    public const int MaxRequest = 4096;

    /// <summary>The policy that tokens state: hashes are stamped for anybody, by the clock of the authority's machine. An identifier of
    /// its own under 2.25 (ITU-T X.667).</summary>
    public const string Policy = "2.25.287884543527327243139741151000938065419";

    private const string Rejection = "the request is not one of RFC 3161 for a hash of SHA-256, SHA-384 or SHA-512";

    private static readonly string[] Algorithms = [Oids.Sha256, Oids.Sha384, Oids.Sha512];

    private readonly SigningKey _key;
    private readonly ITokenSerials _serials;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _accuracy;
    private readonly BcCertificate[] _certificates;

    /// <param name="chain">The authority's certificate and its issuing CA's, without the root.</param>
    /// <param name="key">Its key.</param>
    /// <param name="serials">Owned.</param>
    /// <param name="clock">The time that tokens state.</param>
    /// <param name="accuracy">How far that may be off; whole milliseconds.</param>
    internal TimeStampAuthority(CertificateChain chain, SigningKey key, ITokenSerials serials, TimeProvider clock, TimeSpan accuracy)
    {
        if (!chain.Leaf.PublicKey.Equals(key.PublicKey))
            throw new ArgumentException("The certificate is for another key.", nameof(chain));
        (Chain, _key, _serials, _clock, _accuracy) = (chain, key, serials, clock, accuracy);
        _certificates = [.. chain.Certificates.Select(static c => new BcCertificate(c.Der.ToArray()))];
    }

    /// <summary>The authority's certificate first.</summary>
    public CertificateChain Chain { get; }

    /// <summary>An authority that lasts as long as the process. It owns <paramref name="key"/>.</summary>
    public static TimeStampAuthority CreateInMemory(CertificateChain chain, SigningKey key, TimeProvider clock, TimeSpan? accuracy = null) =>
        new(chain, key, new MemorySerials(), clock, accuracy ?? TimeStampStore.DefaultAccuracy);

    /// <summary>Answers a request. Whatever the bytes are, the answer is a response: one with a token, or one that says why not.</summary>
    /// <param name="request">DER of TimeStampReq.</param>
    /// <returns>DER of TimeStampResp.</returns>
    public byte[] Respond(ReadOnlyMemory<byte> request)
    {
        var responses = new TimeStampResponseGenerator(Tokens(), Algorithms);
        var now = _clock.GetUtcNow();
        if (now < Chain.Leaf.NotBefore || now > Chain.Leaf.NotAfter)
            return Encode(responses.GenerateFailResponse(PkiStatus.Rejection, PkiFailureInfo.TimeNotAvailable, "the authority's certificate is not valid now"));
        if (!IsRequest(request))
            return Encode(responses.GenerateFailResponse(PkiStatus.Rejection, PkiFailureInfo.BadDataFormat, Rejection));
        return Encode(responses.Generate(new Org.BouncyCastle.Tsp.TimeStampRequest(request.ToArray()), BigInteger.ValueOf(_serials.Next()), now.UtcDateTime));
    }

    // Judged before BouncyCastle sees it: the form by the platform, and what it asks for.
    private static bool IsRequest(ReadOnlyMemory<byte> bytes) =>
        bytes.Length <= MaxRequest
        && Rfc3161TimestampRequest.TryDecode(bytes, out var request, out var read)
        && read == bytes.Length
        && !request.HasExtensions
        && (request.HashAlgorithmId.Value, request.GetMessageHash().Length) is (Oids.Sha256, 32) or (Oids.Sha384, 48) or (Oids.Sha512, 64)
        && request.RequestedPolicyId is null or { Value: Policy };

    // Made anew for each token: the generator is not made for several threads.
    private TimeStampTokenGenerator Tokens()
    {
        var signer = new SignerInfoGeneratorBuilder().Build(new TokenSigner(_key), _certificates[0]);
        var tokens = new TimeStampTokenGenerator(signer, Asn1DigestFactory.Get(Oids.Sha256), new DerObjectIdentifier(Policy), isIssuerSerialIncluded: true)
        {
            Resolution = Resolution.R_MILLISECONDS,
        };
        tokens.SetAccuracySeconds((int)_accuracy.TotalSeconds);
        if (_accuracy.Milliseconds > 0)
            tokens.SetAccuracyMillis(_accuracy.Milliseconds);
        tokens.SetCertificates(CollectionUtilities.CreateStore(_certificates));
        return tokens;
    }

    private static byte[] Encode(TimeStampResponse response) => response.GetEncoded(Asn1Encodable.Der);

    public void Dispose()
    {
        _serials.Dispose();
        _key.Dispose();
    }
}
