namespace Countersign.Cryptography;

/// <summary>A ciphertext does not open: wrong key, wrong associated data, or changed bytes.</summary>
public sealed class BadCiphertextException() : Exception("The ciphertext does not open.");
