namespace Countersign.Specification.Tests.Second;

/// <summary>What went over one link and which values both sides derived, in order.</summary>
internal sealed class Recording
{
    internal sealed record Step(string Kind, string Name, string Hex, string? Frame);

    public List<Step> Steps { get; } = [];

    public void Record(char from, string name, byte[] content, byte[] frame) =>
        Steps.Add(new Step(from == 'C' ? "C → S" : "S → C", name, Convert.ToHexStringLower(content), Convert.ToHexStringLower(frame)));

    public void Value(string name, byte[] value) => Steps.Add(new Step("value", name, Convert.ToHexStringLower(value), null));

    public void Secret(string name, byte[] value) => Steps.Add(new Step("secret", name, Convert.ToHexStringLower(value), null));
}
