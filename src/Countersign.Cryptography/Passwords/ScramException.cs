namespace Countersign.Cryptography;

/// <summary>A login proof or a server's signature is wrong (AC-04, AC-05). It says nothing about the cause: an unknown
/// account fails like a wrong password.</summary>
public sealed class ScramException() : Exception("The login does not verify.");
