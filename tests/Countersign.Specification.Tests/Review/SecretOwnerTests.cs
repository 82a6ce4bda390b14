using System.Reflection;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Countersign.Cryptography;
using Countersign.Testing;

namespace Countersign.Specification.Tests;

/// <summary>docs/REVIEW.md lists every type that holds key material and who ends it; the compiled product is asked which types
/// those are, so that a new one cannot join unseen.</summary>
public sealed partial class SecretOwnerTests
{
    [Fact]
    public void Every_type_that_holds_key_material_is_in_the_review() =>
        Assert.Equal(Names(Holders()), Reviewed().Select(static row => row.Type).Order(StringComparer.Ordinal));

    [Fact]
    public void A_type_that_holds_key_material_can_be_ended_unless_the_review_says_why_not() =>
        Assert.Equal(
            Names(Holders().Where(static t => !typeof(IDisposable).IsAssignableFrom(t))),
            Reviewed().Where(static row => row.End.StartsWith("not its own", StringComparison.Ordinal)).Select(static row => row.Type).Order(StringComparer.Ordinal));

    private static IEnumerable<(string Type, string End)> Reviewed() =>
        Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/REVIEW.md"))).Select(static m => (m.Groups[1].Value, m.Groups[2].Value));

    private static IEnumerable<string> Names(IEnumerable<Type> types) =>
        types.Select(static t => t.IsNested ? $"{t.DeclaringType!.Name}.{t.Name}" : t.Name).Order(StringComparer.Ordinal);

    /// <summary>Types with a field that is key material: our Secret, or a platform's object with a key inside. Closures of the compiler are not counted.</summary>
    private static Type[] Holders() =>
        [.. Product.Types.Where(static t => !t.Name.Contains('<') && Fields(t).Any(static f => KeyMaterial.Contains(f.FieldType)))];

    private static readonly Type[] KeyMaterial = [typeof(Secret), typeof(AesGcm), typeof(RSA), typeof(ECDiffieHellman), typeof(MLKem), typeof(SafeEvpPKeyHandle)];

    private static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);

    [GeneratedRegex(@"^\| `([\w.]+)` \| holds [^|]* \| ([^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
