namespace Countersign.Server.Tests;

/// <summary>Which connection strings and servers the store accepts at all.</summary>
public sealed class MySqlSettingsTests
{
    [Theory]
    [InlineData("Server=db.example.org;Database=d", false)]
    [InlineData("Server=db.example.org;Database=d;SslMode=Required", false)]
    [InlineData("Server=db.example.org;Database=d;SslMode=VerifyFull", true)]
    [InlineData("Server=192.0.2.1;Database=d;SslMode=VerifyCA", true)]
    [InlineData("Server=127.0.0.1;Database=d", true)]
    [InlineData("Server=/run/mysqld/mysqld.sock;Protocol=unix;Database=d", true)]
    [InlineData("Server=127.0.0.1", false)]
    public void A_database_on_another_machine_needs_verified_TLS(string connection, bool accepted)
    {
        if (accepted)
            MySqlConnections.Parse(connection);
        else
            Assert.Throws<OptionsException>(() => MySqlConnections.Parse(connection));
    }

    [Theory]
    [InlineData("8.0.36", true)]
    [InlineData("8.4.0-commercial", true)]
    [InlineData("9.1.0", true)]
    [InlineData("5.7.44-log", false)]
    [InlineData("10.11.19-MariaDB-0+deb12u1", true)]
    [InlineData("5.5.5-10.11.6-MariaDB", true)]
    [InlineData("11.4.2-MariaDB", true)]
    [InlineData("10.6.16-MariaDB", false)]
    public void Servers_that_are_too_old_are_refused(string version, bool accepted)
    {
        if (accepted)
            MySqlStore.RequireVersion(version);
        else
            Assert.Equal(StoreFault.Unsuitable, Assert.Throws<StoreException>(() => MySqlStore.RequireVersion(version)).Fault);
    }
}
