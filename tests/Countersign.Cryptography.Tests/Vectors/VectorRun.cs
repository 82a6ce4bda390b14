using System.Runtime.CompilerServices;
using System.Text.Json;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>One file of outside vectors: every case is run, or skipped for a reason that is written down; the counts
/// stand in docs/VALIDATION.md, and a case that is neither fails the test.</summary>
internal sealed class VectorRun
{
    private readonly string _file;
    private readonly string _test;
    private readonly SortedDictionary<string, int> _skipped = new(StringComparer.Ordinal);
    private int _ran;

    private VectorRun(string file, string test) => (_file, _test) = (file, test);

    /// <summary>Runs all groups of a Wycheproof file. <paramref name="test"/> returns null when it ran the case, else why not.</summary>
    public static void Wycheproof(string file, Func<JsonElement, JsonElement, string?> test, [CallerMemberName] string caller = "")
    {
        var path = "wycheproof/testvectors_v1/" + file;
        using var json = Read(path);
        var run = new VectorRun(path, caller);
        foreach (var group in json.RootElement.GetProperty("testGroups").EnumerateArray())
            foreach (var one in group.GetProperty("tests").EnumerateArray())
                run.Case($"tcId {one.GetProperty("tcId").GetInt32()}", () => test(group, one));
        run.Finish(json.RootElement.GetProperty("numberOfTests").GetInt32());
    }

    /// <summary>Runs all elements of an array.</summary>
    public static void Each(string file, JsonElement array, Func<JsonElement, string?> test, [CallerMemberName] string caller = "")
    {
        var run = new VectorRun(file, caller);
        var index = 0;
        foreach (var one in array.EnumerateArray())
            run.Case($"case {index++}", () => test(one));
        run.Finish(index);
    }

    /// <summary>Runs all JSON files of a folder.</summary>
    public static void Folder(string folder, string pattern, Func<string, JsonElement, string?> test, [CallerMemberName] string caller = "")
    {
        var files = Directory.GetFiles(Path.Combine(Root(), folder), pattern).Order(StringComparer.Ordinal).ToArray();
        var run = new VectorRun($"{folder}/{pattern}", caller);
        foreach (var file in files)
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            run.Case(Path.GetFileName(file), () => test(Path.GetFileName(file), json.RootElement));
        }
        run.Finish(files.Length);
    }

    public static JsonDocument Read(string path) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root(), path)));

    public static string Root()
    {
        Assert.SkipWhen(OutsideVectors.Folder is null, OutsideVectors.SkipReason);
        return OutsideVectors.Folder!;
    }

    private void Case(string name, Func<string?> test)
    {
        string? reason;
        try
        {
            reason = test();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{_file}, {name}: {e.Message}", e);
        }
        if (reason is null)
            _ran++;
        else
            _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
    }

    private void Finish(int expected)
    {
        Assert.True(_ran > 0, "no case ran");
        Assert.Equal(expected, _ran + _skipped.Values.Sum());
        ValidationPage.Count(_file, _test, _ran, _skipped);
    }
}

internal static class VectorJson
{
    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static bool IsValid(this JsonElement test) => test.GetProperty("result").GetString() == "valid";

    public static Secret Secret(this JsonElement element, string name) => Cryptography.Secret.CopyOf(element.Hex(name));
}
