using System.Text.Json;

namespace Countersign.Cryptography.Tests;

/// <summary>Cases of an outside collection where our stricter profile decides otherwise on purpose, each with its fault and the reason.
/// The file is read from the source tree; a test fails on drift in either direction.</summary>
internal static class ExpectedDeviations
{
    /// <summary>Case id → (fault, or "accepted"; reason).</summary>
    public static SortedDictionary<string, string> Read(string fileName)
    {
        var path = Path.Combine(Testing.Repository.Root, "tests", "Countersign.Cryptography.Tests", "Certificates", fileName);
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var deviations = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var reason in document.RootElement.EnumerateArray())
        {
            Assert.NotEmpty(reason.GetProperty("reason").GetString()!);
            foreach (var id in reason.GetProperty("cases").EnumerateArray())
                deviations.Add(id.GetString()!, reason.GetProperty("outcome").GetString()!);
        }
        return deviations;
    }

    /// <summary>Fails with the difference if what happened is not what the file says.</summary>
    public static void Compare(string fileName, IReadOnlyDictionary<string, string> actual)
    {
        var expected = Read(fileName);
        var lines = actual.Where(a => expected.GetValueOrDefault(a.Key) != a.Value).Select(a => $"new: {a.Key} {a.Value}")
            .Concat(expected.Where(e => !actual.ContainsKey(e.Key)).Select(e => $"gone: {e.Key} {e.Value}"))
            .Order(StringComparer.Ordinal).ToList();
        if (lines.Count > 0)
            Assert.Fail(fileName + " is not what happened:\n" + string.Join('\n', lines));
    }

    /// <summary>How many cases deviate for each outcome, for the page of counts.</summary>
    public static SortedDictionary<string, int> Counts(string fileName, IReadOnlyDictionary<string, string> deviations) =>
        new(deviations.GroupBy(static d => d.Value).ToDictionary(g => $"{g.Key}, as listed in {fileName}", static g => g.Count()), StringComparer.Ordinal);

    /// <summary>"accepted", or the fault for which something was refused.</summary>
    public static string Outcome(Action validate)
    {
        try
        {
            validate();
            return "accepted";
        }
        catch (CertificateRefusedException e)
        {
            return e.Fault.ToString();
        }
    }
}
