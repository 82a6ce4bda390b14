using System.Collections.Concurrent;

namespace Countersign.Evidence.Tests;

/// <summary>Every byte of a small true bundle changed: never PASSED, never an exception, and an entry's byte names the entry.</summary>
public sealed class FlippedByteTests
{
    private readonly record struct Flip(int At, int Bit);

    [Fact]
    public void A15_BU_11_bytes_all_over_a_bundle_flipped_never_pass()
    {
        using var world = new BundleWorld();
        var bundle = new FlippedBytes(BundleWorld.Write(world.Contents()));
        Check(bundle, Enumerable.Range(0, bundle.Length / 61).Select(i => new Flip(i * 61, i % 8)));
    }

    [Fact, Trait("pace", "thorough")]
    public void A15_BU_11_every_byte_of_a_bundle_flipped_never_passes()
    {
        using var world = new BundleWorld();
        var bundle = new FlippedBytes(BundleWorld.Write(world.Contents()));
        Check(bundle, Enumerable.Range(0, bundle.Length).Select(at => new Flip(at, at % 8)));
    }

    [Fact, Trait("pace", "thorough")]
    public void A15_A16_BU_14_BU_16_every_bit_of_a_message_a_receipt_and_the_keys_flipped_never_passes()
    {
        using var world = new BundleWorld();
        var bundle = new FlippedBytes(BundleWorld.Write(world.Contents()));
        var bytes = bundle.BytesOf(3).Concat(bundle.BytesOf(BundleMember.Receipts).Take(400)).Concat(bundle.BytesOf(BundleMember.Keys));
        Check(bundle, bytes.SelectMany(at => Enumerable.Range(0, 8).Select(bit => new Flip(at, bit))));
    }

    private static void Check(FlippedBytes bundle, IEnumerable<Flip> flips)
    {
        var root = Verified.Root; // made before the threads need it
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(flips, flip =>
        {
            var inMember = bundle.MemberAt(flip.At);
            if (inMember is null || flip.At % 8 == 0) // inside a member they all fail alike: its SHA-256 is not the manifest's
            {
                var accident = BundleVerifier.Verify(new MemoryStream(bundle.Accident(flip.At, flip.Bit)), root);
                if (accident.Verdict != Verdict.Failed)
                    wrong.Add($"{flip}: {Verified.Text(accident)}");
            }
            if (inMember is not { } member)
                return;
            var intent = BundleVerifier.Verify(new MemoryStream(bundle.Intent(flip.At, flip.Bit)), root);
            if (intent.Verdict == Verdict.Passed)
                wrong.Add($"{flip} in {member}, repaired, passes");
            if (bundle.EntryAt(flip.At) is { } position && !intent.Findings.Any(f => f.Position <= position && position <= f.Through))
                wrong.Add($"{flip} in entry {position}, repaired: {Verified.Text(intent)}");
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order()));
    }
}
