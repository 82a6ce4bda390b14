using System.Net;
using Countersign.Testing;

namespace Countersign.Server.Tests;

public sealed class ServerConfigurationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Without_anything_the_limits_are_those_of_SPEC_11()
    {
        var limits = ServerConfiguration.Load(_directory.Path).Limits;
        Assert.Equal(
            (20, 120, 64, 10_000, 4 * 1024 * 1024, 256), (limits.HandshakeTime.TotalSeconds, limits.IdleTime.TotalSeconds, limits.LinksPerAddress,
            limits.Links, limits.OutboundBytes, limits.UnansweredRequests));
        Assert.Equal(
            (5, 20, 15, 200, 16, 30), (limits.LoginFailuresPerAccount, limits.LoginFailuresPerAddress, limits.LoginWindow.TotalMinutes,
            limits.PrekeysPerDevice, limits.DevicesPerUser, limits.InvitationTime.TotalDays));
    }

    [Fact]
    public void File_then_environment_then_flags_and_the_later_wins()
    {
        File.WriteAllText(_directory["server.json"], """{"listen": "127.0.0.1:1", "limits": {"links": 10, "linksPerAddress": 3, "idleSeconds": 7}}""");
        Environment.SetEnvironmentVariable("COUNTERSIGN_SERVER_LIMITS__LINKS", "20");
        try
        {
            var options = ServerConfiguration.Load(_directory.Path, new Dictionary<string, string?> { ["listen"] = "[::1]:2", ["limits:idleSeconds"] = "9" });
            Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 2), options.Listen);
            Assert.Equal((20, 3, 9), (options.Limits.Links, options.Limits.LinksPerAddress, options.Limits.IdleTime.TotalSeconds));
        }
        finally
        {
            Environment.SetEnvironmentVariable("COUNTERSIGN_SERVER_LIMITS__LINKS", null);
        }
    }

    [Theory]
    [InlineData("""{"lissen": "127.0.0.1:1"}""", "lissen")]
    [InlineData("""{"limits": {"link": 1}}""", "limits:link")]
    [InlineData("""{"limits": {"cachedConversations": 1024}}""", "limits:cachedConversations")]
    [InlineData("""{"limits": {"conversationMemoryMiB": 0}}""", "limits:conversationMemoryMiB")]
    [InlineData("""{"listen": "7450"}""", "listen")]
    [InlineData("""{"limits": {"links": 0}}""", "limits:links")]
    [InlineData("""{"limits": {"links": "1e3"}}""", "limits:links")]
    [InlineData("""{"health": "0.0.0.0:80"}""", "health")]
    [InlineData("""{"listen" """, "server.json")]
    public void What_cannot_be_meant_is_an_error_that_names_it(string json, string name)
    {
        File.WriteAllText(_directory["server.json"], json);
        var error = Assert.Throws<OptionsException>(() => ServerConfiguration.Load(_directory.Path));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_connection_string_comes_from_setting_or_file_and_is_shown_nowhere()
    {
        const string Connection = "Server=127.0.0.1;Database=d;User ID=u;Password=correct horse";
        File.WriteAllText(_directory["db.secret"], Connection + "\n");
        foreach (var flags in new Dictionary<string, string?>[] {
            new() { ["store"] = "mysql", ["connectionString"] = Connection },
            new() { ["store"] = "mysql", ["connectionStringFile"] = _directory["db.secret"] } })
        {
            var options = ServerConfiguration.Load(_directory.Path, flags);
            Assert.Equal(StoreKind.MySql, options.Store.Kind);
            Assert.Equal(Connection, options.Store.Connection);
            Assert.Equal(flags.GetValueOrDefault("connectionStringFile", ""), ServerConfiguration.Print(options).Single(static s => s.Key == "connectionStringFile").Value);
            Assert.DoesNotContain("horse", options.ToString() + string.Join('\n', ServerConfiguration.Print(options)), StringComparison.Ordinal);
        }
        Assert.Throws<OptionsException>(() => ServerConfiguration.Load(_directory.Path, new Dictionary<string, string?> { ["store"] = "mysql" }));
        Assert.Throws<OptionsException>(() => ServerConfiguration.Load(_directory.Path, new Dictionary<string, string?> { ["store"] = "oracle" }));
        Assert.Throws<OptionsException>(() => ServerConfiguration.Load(_directory.Path, new Dictionary<string, string?> { ["connectionString"] = Connection }));
    }

    [Fact]
    public void A_connection_strings_file_that_cannot_be_used_is_named_and_a_connection_string_in_its_place_is_not()
    {
        File.WriteAllText(_directory["long"], new string('x', 1 << 20));
        foreach (var path in new[] { _directory["missing"], _directory["long"] })
            Assert.Contains(path, Refusal(path), StringComparison.Ordinal);
        Assert.DoesNotContain("horse", Refusal("Server=127.0.0.1;Database=d;User ID=u;Password=correct horse"), StringComparison.Ordinal);

        string Refusal(string file) => Assert.Throws<OptionsException>(() => ServerConfiguration.Load(
            _directory.Path, new Dictionary<string, string?> { ["store"] = "mysql", ["connectionStringFile"] = file })).Message;
    }

    [Fact]
    public void The_printed_configuration_reads_back_as_itself()
    {
        var options = new ServerOptions
        {
            Listen = new IPEndPoint(IPAddress.Any, 99),
            Health = new IPEndPoint(IPAddress.Loopback, 98),
            Address = "chat.example.org:99",
            Limits = new ServerLimits { Links = 5, DrainTime = TimeSpan.FromSeconds(1) },
        };
        var printed = ServerConfiguration.Print(options).ToDictionary(static s => s.Key, static s => (string?)s.Value);
        Assert.Equal(options, ServerConfiguration.Load(_directory.Path, printed));
    }

    public void Dispose() => _directory.Dispose();
}
