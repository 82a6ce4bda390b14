namespace Countersign.Cryptography;

/// <summary>What somebody knows of revocations: <see cref="RevocationSet"/>, who takes part; <see cref="RevocationArchive"/>, who judges a
/// record.</summary>
public interface IRevocationKnowledge
{
    /// <summary>What is known of a certificate from the lists of its CA.</summary>
    /// <param name="subject">Issued by <paramref name="issuer"/>.</param>
    /// <param name="issuer">A CA whose own path has been verified.</param>
    /// <returns>Null if no list says anything of it.</returns>
    RevocationStatement? Of(Certificate subject, Certificate issuer);
}

/// <summary>What lists say of one certificate.</summary>
/// <param name="ReachesTo">The latest nextUpdate: what is not revoked by then, as far as these lists say, is not revoked.</param>
/// <param name="Entries">The certificate's entries: none, or one of each list that has one.</param>
public sealed record RevocationStatement(DateTimeOffset ReachesTo, IReadOnlyList<RevocationEntry> Entries);
