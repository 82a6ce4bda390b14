namespace Countersign.Cryptography;

/// <summary>A signature does not verify. It says no more: neither the key nor the kind of difference.</summary>
public sealed class BadSignatureException() : Exception("The signature does not verify.");
