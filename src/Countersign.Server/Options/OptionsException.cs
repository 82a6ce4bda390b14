namespace Countersign.Server;

/// <summary>A setting is unknown, cannot be read or is out of range. The message names the setting and what it may be; it never
/// repeats a value that might be a secret.</summary>
public sealed class OptionsException : Exception
{
    public OptionsException(string message) : base(message) { }
}
