using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Server;

/// <summary>find_user and get_certificates.</summary>
internal sealed class DirectoryRequests(LinkServices server)
{
    private const int MaxDevices = 16;
    private const int DevicesLookedAt = 256;

    /// <summary>What chains may take of a record; ours are far smaller.</summary>
    private const int MaxBytes = 240 * 1024;

    /// <summary>The devices of a user that are valid now.</summary>
    /// <exception cref="RequestRefusedException">NOT_FOUND: nobody of this name has registered.</exception>
    public async Task<Answer> FindUserAsync(FindUser request)
    {
        if (await server.Store.FindAccountAsync(request.User).ConfigureAwait(false) is null)
            throw new RequestRefusedException(WireCode.NotFound, "find_user");
        var devices = await server.Store.DevicesOfAsync(request.User, DevicesLookedAt).ConfigureAwait(false);
        return new Devices(request.Id, ThatFit(server.Devices.Valid(devices).Take(MaxDevices)));
    }

    /// <summary>The certificates the server has of these devices, also those no longer valid: old entries are verified with them; and its
    /// own ones, for the heads that it signed with an earlier one (RC-02).</summary>
    public async Task<Answer> GetCertificatesAsync(GetCertificates request)
    {
        var devices = await server.Store.FindDevicesAsync(request.Wanted).ConfigureAwait(false);
        var own = request.Wanted.Select(wanted => server.Directory.OwnChain(wanted.Value)).OfType<CertificateChain>();
        return new CertificatesFound(request.Id, ThatFit(devices.Select(static device => device.Chain).Concat(own)));
    }

    private static EquatableList<CertificateChain> ThatFit(IEnumerable<CertificateChain> chains)
    {
        var bytes = 0;
        return chains.TakeWhile(chain => (bytes += chain.Certificates.Sum(static c => c.Der.Length + 8)) <= MaxBytes).ToEquatableList();
    }
}
