using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>Somebody whom this server knows, for its operator.</summary>
/// <param name="User">The name that his certificates have.</param>
/// <param name="Account">Null for one who was certified and has never logged in.</param>
/// <param name="StoredBytes">What his entries count for in all conversations, at least (storedMiBPerUser): they are counted in blocks.</param>
/// <param name="Devices">The newest first; null if what the store has of them is damaged.</param>
public sealed record ListedUser(UserName User, Account? Account, long StoredBytes, IReadOnlyList<ListedDevice>? Devices);

/// <summary>One of his devices.</summary>
/// <param name="Record">As it was certified.</param>
/// <param name="Revoked">What the issuing CA's list says against it; null while the list does not name it.</param>
/// <param name="IsToBeRevoked">More was asked for than the list says: the running server does it within seconds.</param>
public sealed record ListedDevice(DeviceRecord Record, RevocationGrounds? Revoked, bool IsToBeRevoked);
