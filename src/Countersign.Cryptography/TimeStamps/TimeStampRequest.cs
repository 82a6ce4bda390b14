using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace Countersign.Cryptography;

/// <summary>A request of RFC 3161 section 2.4.1 for one token, with a fresh nonce, and the reading of its answer.</summary>
public sealed class TimeStampRequest
{
    /// <summary>Largest response in bytes: a token and a status of a few words.</summary>
    public const int MaxResponse = TimeStampToken.MaxSize + 1024;

    /// <summary>Media type of a request over HTTP (RFC 3161 section 3.4).</summary>
    public const string MediaType = "application/timestamp-query";

    /// <summary>Media type of a response over HTTP (RFC 3161 section 3.4).</summary>
    public const string ResponseMediaType = "application/timestamp-reply";

    private const int NonceSize = 16;

    private readonly Hash32 _imprint;
    private readonly Rfc3161TimestampRequest _request;

    private TimeStampRequest(Hash32 imprint)
    {
        _imprint = imprint;
        _request = Rfc3161TimestampRequest.CreateFromHash(imprint.ToArray(), HashAlgorithmName.SHA256,
            nonce: FreshNonce(), requestSignerCertificates: true);
    }

    // 126 random bits as a positive INTEGER in its shortest form, so that it comes back byte for byte.
    private static byte[] FreshNonce()
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceSize);
        nonce[0] = (byte)((nonce[0] & 0x7F) | 0x40);
        return nonce;
    }

    /// <summary>Asks for the SHA-256 of these bytes to be stamped, with the authority's certificates in the token.</summary>
    public static TimeStampRequest For(ReadOnlySpan<byte> bytes) => new(Hash32.Sha256(bytes));

    /// <summary>DER of TimeStampReq.</summary>
    public byte[] Encode() => _request.Encode();

    /// <summary>The token of a response to this request. It is parsed, and not yet verified.</summary>
    /// <param name="response">DER of TimeStampResp.</param>
    /// <exception cref="TimeStampRefusedException">Malformed, rejected, for other bytes or with another nonce (TS-06).</exception>
    public TimeStampToken ReadResponse(ReadOnlyMemory<byte> response)
    {
        if (response.Length > MaxResponse)
            throw new TimeStampRefusedException(TimeStampFault.Malformed);
        var token = TimeStampToken.Parse(TimeStampToken.Guarded(() => ReadGranted(response)));
        token.CheckImprint(_imprint);
        if (token.Info.Nonce is not { } nonce || !nonce.Span.SequenceEqual(_request.GetNonce()!.Value.Span))
            throw new TimeStampRefusedException(TimeStampFault.OtherRequest);
        return token;
    }

    // TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken TimeStampToken OPTIONAL }
    // PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString OPTIONAL, failInfo OPTIONAL }
    private static ReadOnlyMemory<byte> ReadGranted(ReadOnlyMemory<byte> response)
    {
        var outer = new AsnReader(response, AsnEncodingRules.DER);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!reader.ReadSequence().TryReadInt32(out var status) || status is not (0 or 1)) // granted, grantedWithMods
            throw new TimeStampRefusedException(TimeStampFault.Rejected);
        var token = reader.ReadEncodedValue();
        reader.ThrowIfNotEmpty();
        return token;
    }
}
