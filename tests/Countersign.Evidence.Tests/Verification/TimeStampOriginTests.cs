namespace Countersign.Evidence.Tests;

/// <summary>Whose word the proved times are.</summary>
public sealed class TimeStampOriginTests
{
    [Fact]
    public void A_stamp_under_a_CA_that_certified_a_member_is_the_operators_and_one_under_any_other_is_not()
    {
        Assert.Equal(TimeStampOrigin.Separate, Origin(TestDevice.Bob, ofIssuing: false));
        Assert.Equal(TimeStampOrigin.Separate, Origin(TestDevice.OfIssuing, ofIssuing: false)); // the root's
        Assert.Equal(TimeStampOrigin.Separate, Origin(TestDevice.Bob, ofIssuing: true));
        Assert.Equal(TimeStampOrigin.Operator, Origin(TestDevice.OfIssuing, ofIssuing: true));
    }

    private static TimeStampOrigin? Origin(TestDevice member, bool ofIssuing)
    {
        using var world = new BundleWorld(TestDevice.Alice, member, TestDevice.Now);
        var tampered = new Tampered(world);
        if (member == TestDevice.OfIssuing)
            tampered.Certificates.Add(TestDevice.Issuing.Certificate);
        tampered.Lists.Add(TestDevice.Issuing.MakeRevocationList());
        var (head, time) = (world.Heads[^1], world.Clock);
        tampered.Stamps[0] = new StampedHead(head, ofIssuing ? TestDevice.StampOfIssuing(head.Batch.Bytes, time) : TestDevice.Stamp(head.Batch.Bytes, time));
        var verdict = tampered.Verify();
        Verified.Passed(verdict);
        return verdict.Summary.TimeStamps;
    }
}
