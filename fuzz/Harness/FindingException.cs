namespace Countersign.Fuzz;

/// <summary>A reader broke a promise. The message holds the input, so that it can be tried again.</summary>
public sealed class FindingException(string target, byte[] input, string what, Exception? inner = null)
    : Exception($"{target}: {what}\ninput ({input.Length} bytes): {Convert.ToHexStringLower(input.AsSpan(0, Math.Min(input.Length, 4096)))}", inner);
