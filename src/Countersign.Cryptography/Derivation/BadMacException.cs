namespace Countersign.Cryptography;

/// <summary>A message authentication code is not the expected one.</summary>
public sealed class BadMacException() : Exception("The message authentication code does not verify.");
