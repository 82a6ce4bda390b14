using System.Text.Json;
using Countersign.Specification.Tests.Second;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>SPEC 13: the worked example is true.</summary>
public sealed class WorkedExampleTests
{
    private static readonly string Vector = Path.Combine(Repository.Root, "vectors/session.json");
    private static readonly string Page = Path.Combine(Repository.Root, "docs/EXAMPLE.md");

    [Fact]
    public void Every_recorded_value_follows_from_the_specification_and_the_product_reads_every_message()
    {
        var session = new RecordedSession(Load());
        session.Check();
        Assert.True(session.MessagesAfterReady >= 12);
    }

    [Fact]
    public void The_page_shows_the_recording() =>
        Assert.Equal(File.ReadAllText(Page), ExamplePage.Render(Load()));

    [Fact]
    public void A_recording_with_any_step_changed_is_refused()
    {
        var steps = Load();
        for (var i = 0; i < steps.Count; i++)
        {
            var changed = steps.ToArray();
            changed[i] = changed[i] with { Hex = Flip(changed[i].Hex) };
            Assert.ThrowsAny<Exception>(() => new RecordedSession(changed).Check());
        }
    }

    /// <summary>Replaces vector and page when COUNTERSIGN_RECORD_EXAMPLE is set; called with a session that has just passed.</summary>
    internal static void Record(Recording recording)
    {
        if (Environment.GetEnvironmentVariable("COUNTERSIGN_RECORD_EXAMPLE") is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Vector)!);
        File.WriteAllText(Vector, JsonSerializer.Serialize(recording.Steps, new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n");
        File.WriteAllText(Page, ExamplePage.Render(recording.Steps));
    }

    private static List<Recording.Step> Load() => JsonSerializer.Deserialize<List<Recording.Step>>(File.ReadAllText(Vector))!;

    private static string Flip(string hex)
    {
        var last = hex[^1];
        return hex[..^1] + (last == '0' ? '1' : '0');
    }
}
