namespace Countersign.Evidence.Tests;

public sealed class VerificationBarTests
{
    [Fact]
    public void R11_a_bar_appears_when_there_is_something_to_wait_for_and_leaves_nothing_behind()
    {
        var (clock, terminal) = (new Clock(), new StringWriter());
        using (var bar = new VerificationBar(terminal, clock, "verifying"))
        {
            bar.Report(0.1);
            Assert.Equal("", terminal.ToString()); // not for a blink
            clock.Seconds = 2;
            bar.Report(0.25);
            Assert.Equal("\rverifying [#######.......................]  25 %  0:06 left", terminal.ToString());
            clock.Seconds = 2.1;
            bar.Report(0.26);
            Assert.EndsWith("25 %  0:06 left", terminal.ToString(), StringComparison.Ordinal); // five times a second at most
            clock.Seconds = 8;
            bar.Report(1);
            Assert.EndsWith("\rverifying [##############################] 100 %  0:00 left", terminal.ToString(), StringComparison.Ordinal);
        }
        Assert.EndsWith("\r" + new string(' ', 59) + "\r", terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void R11_a_short_verification_shows_none()
    {
        var terminal = new StringWriter();
        using (var bar = new VerificationBar(terminal, new Clock(), "verifying"))
            bar.Report(1);
        Assert.Equal("", terminal.ToString());
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
