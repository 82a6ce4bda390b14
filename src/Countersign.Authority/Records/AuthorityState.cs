using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>What the journal's records add up to.</summary>
internal sealed class AuthorityState
{
    private readonly List<SerialNumber> _order = [];
    private readonly Dictionary<SerialNumber, IssuedCertificate> _issued = [];

    public long LastListNumber { get; private set; }

    public IReadOnlyList<IssuedCertificate> All => [.. _order.Select(s => _issued[s])];

    public IssuedCertificate? Find(SerialNumber serial) => _issued.GetValueOrDefault(serial);

    public SerialNumber FreshSerial()
    {
        SerialNumber serial;
        do
            serial = SerialNumber.Random();
        while (_issued.ContainsKey(serial));
        return serial;
    }

    /// <summary>Everything that was ever revoked: what was signed with an expired certificate is judged by lists, too, and whoever does so
    /// may have the newest list alone (CE-15).</summary>
    public IReadOnlyCollection<RevocationEntry> Revoked => [.. _issued.Values.Select(static i => i.Revocation).OfType<RevocationEntry>()];

    /// <exception cref="AuthorityException">The record contradicts the earlier ones.</exception>
    public void Apply(AuthorityRecord record)
    {
        switch (record)
        {
            case AuthorityRecord.Issued issued:
                Add(issued);
                break;
            case AuthorityRecord.Revoked revoked:
                Revoke(revoked);
                break;
            case AuthorityRecord.ListMade list when list.Number > LastListNumber:
                LastListNumber = list.Number;
                break;
            default:
                throw new AuthorityException(AuthorityFault.Damaged);
        }
    }

    private void Add(AuthorityRecord.Issued record)
    {
        var certificate = Parse(record.Certificate);
        if (!_issued.TryAdd(certificate.Serial, new(certificate, record.Kind, record.Names, record.At, null)))
            throw new AuthorityException(AuthorityFault.Damaged);
        _order.Add(certificate.Serial);
    }

    private void Revoke(AuthorityRecord.Revoked record)
    {
        if (!SerialNumber.TryParse(record.Serial, out var serial) || !_issued.TryGetValue(serial, out var issued))
            throw new AuthorityException(AuthorityFault.Damaged);
        var (at, grounds) = issued.Revocation is { } before ? (before.RevokedAt, before.Grounds.And(record.Grounds)) : (record.At, record.Grounds);
        _issued[serial] = issued with { Revocation = new(serial, at, grounds.Reason, grounds.SuspectSince) };
    }

    private static Certificate Parse(byte[] der)
    {
        try
        {
            return Certificate.Parse(der);
        }
        catch (CertificateRefusedException e)
        {
            throw new AuthorityException(AuthorityFault.Damaged, inner: e);
        }
    }
}
