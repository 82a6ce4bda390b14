namespace Countersign.Cryptography.Tests;

public sealed class RevocationGroundsTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(RevocationReason.Superseded, RevocationReason.KeyCompromise, RevocationReason.KeyCompromise)]
    [InlineData(RevocationReason.Superseded, RevocationReason.Unspecified, RevocationReason.Unspecified)]
    [InlineData(RevocationReason.Superseded, RevocationReason.AffiliationChanged, RevocationReason.Superseded)]
    [InlineData(RevocationReason.Unspecified, RevocationReason.KeyCompromise, RevocationReason.KeyCompromise)]
    [InlineData(RevocationReason.Unspecified, RevocationReason.CessationOfOperation, RevocationReason.Unspecified)]
    [InlineData(RevocationReason.PrivilegeWithdrawn, RevocationReason.CACompromise, RevocationReason.CACompromise)]
    [InlineData(RevocationReason.KeyCompromise, RevocationReason.Superseded, RevocationReason.KeyCompromise)]
    [InlineData(RevocationReason.KeyCompromise, RevocationReason.CACompromise, RevocationReason.KeyCompromise)]
    public void CE_15_of_two_reasons_the_worse_counts(RevocationReason first, RevocationReason second, RevocationReason both)
    {
        Assert.Equal(new RevocationGrounds(both, null), new RevocationGrounds(first, null).And(new(second, null)));
    }

    [Fact]
    public void CE_15_of_two_times_the_earlier_counts_and_none_is_later_than_any()
    {
        Assert.Equal(Time.AddDays(-1), Of(Time).And(Of(Time.AddDays(-1))).SuspectSince);
        Assert.Equal(Time.AddDays(-1), Of(Time.AddDays(-1)).And(Of(Time)).SuspectSince);
        Assert.Equal(Time, Of(Time).And(Of(null)).SuspectSince);
        Assert.Equal(Time, Of(null).And(Of(Time)).SuspectSince);
        Assert.Null(Of(null).And(Of(null)).SuspectSince);
    }

    private static RevocationGrounds Of(DateTimeOffset? since) => new(RevocationReason.Superseded, since);
}
