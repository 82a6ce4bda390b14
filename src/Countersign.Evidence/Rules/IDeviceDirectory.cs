using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The device certificates this party knows and has judged, parsed once and kept.</summary>
public interface IDeviceDirectory
{
    /// <summary>The device, if its certificate is known, valid at the time of acceptance and not revoked; otherwise null.</summary>
    VerifiedDevice? Find(DeviceId device);
}
