using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

public sealed class ScramTests
{
    private static readonly Salt16 Salt = Salt16.Parse(Enumerable.Range(0, 16).Select(i => (byte)i).ToArray());
    private static readonly Hash32 Challenge = Hash32.Sha256([1]);
    private static readonly LoginSecret Right = LoginSecret.Derive("right", Salt, PasswordCost.Least);
    private static readonly LoginSecret Wrong = LoginSecret.Derive("wrong", Salt, PasswordCost.Least);

    [Fact]
    public void AC_04_the_right_password_logs_in_and_the_server_proves_itself()
    {
        using var record = Right.ToRecord();
        var login = Scram.Verify(record, Challenge, Scram.Prove(Right, Challenge));
        Scram.CheckServer(Right, Challenge, login.ServerSignature);
    }

    [Fact]
    public void AC_04_a_wrong_password_another_link_and_a_changed_proof_fail()
    {
        using var record = Right.ToRecord();
        Assert.Throws<ScramException>(() => Scram.Verify(record, Challenge, Scram.Prove(Wrong, Challenge)));
        Assert.Throws<ScramException>(() => Scram.Verify(record, Hash32.Sha256([2]), Scram.Prove(Right, Challenge)));
        for (var i = 0; i < LoginProof.Size; i++)
        {
            var changed = Scram.Prove(Right, Challenge).Span.ToArray();
            changed[i] ^= 0x80;
            Assert.Throws<ScramException>(() => Scram.Verify(record, Challenge, LoginProof.Parse(changed)));
        }
        Assert.Throws<MalformedException>(() => LoginProof.Parse(new byte[31]));
    }

    [Fact]
    public void AC_05_a_server_without_the_record_is_found_out()
    {
        using var other = Wrong.ToRecord();
        var signature = Scram.Verify(other, Challenge, Scram.Prove(Wrong, Challenge)).ServerSignature;
        Assert.Throws<ScramException>(() => Scram.CheckServer(Right, Challenge, signature));
        using var record = Right.ToRecord();
        var otherLink = Scram.Verify(record, Hash32.Sha256([2]), Scram.Prove(Right, Hash32.Sha256([2]))).ServerSignature;
        Assert.Throws<ScramException>(() => Scram.CheckServer(Right, Challenge, otherLink));
    }

    [Fact]
    public void AC_06_the_stored_record_alone_logs_nobody_in() // A18
    {
        using var record = Right.ToRecord();
        var mac = KeySchedule.Mac(record.StoredKey, Label.ScramAuth, Challenge.Span);
        foreach (var key in new[] { record.StoredKey, record.ServerKey })
            Assert.Throws<ScramException>(() => Scram.Verify(record, Challenge, LoginProof.Make(key, mac)));
    }

    [Fact]
    public void AC_02_the_record_holds_what_SPEC_5_says()
    {
        using var password = Secret.CopyOf("right"u8);
        using var salted = Argon2.Hash(password, Salt, PasswordCost.Least);
        var clientKey = HMACSHA256.HashData(salted.Span, "countersign/1 scram client"u8);
        using var record = Right.ToRecord();
        Assert.Equal(SHA256.HashData(clientKey), record.StoredKey.Span.ToArray());
        Assert.Equal(HMACSHA256.HashData(salted.Span, "countersign/1 scram server"u8), record.ServerKey.Span.ToArray());

        byte[] auth = [.. "countersign/1 scram auth"u8, 0, .. Challenge.Span];
        var mask = HMACSHA256.HashData(SHA256.HashData(clientKey), auth);
        Assert.Equal(clientKey.Zip(mask, (a, b) => (byte)(a ^ b)), Scram.Prove(Right, Challenge).Span.ToArray());
    }

    [Fact]
    public void AC_03_a_user_without_an_account_looks_like_one_with_a_wrong_password() // A20
    {
        using var serverSecret = Secret.Random(32);
        var costs = new PasswordCosts([], PasswordCost.Default);
        using var nobody = AccountRecord.OfNobody(serverSecret, UserName.Parse("carol"), costs);
        using var again = AccountRecord.OfNobody(serverSecret, UserName.Parse("carol"), costs);
        using var another = AccountRecord.OfNobody(serverSecret, UserName.Parse("dave"), costs);
        Assert.Equal(nobody.Salt, again.Salt);
        Assert.NotEqual(nobody.Salt, another.Salt);
        Assert.Equal(PasswordCost.Default, nobody.Cost);
        byte[] input = [.. "countersign/1 scram fake salt"u8, 0, .. "carol"u8];
        Assert.Equal(HMACSHA256.HashData(serverSecret.Span, input)[..16], nobody.Salt.Span.ToArray());
        Assert.Throws<ScramException>(() => Scram.Verify(nobody, Challenge, Scram.Prove(Right, Challenge)));
    }

    [Fact]
    public void AC_03_nobodys_cost_is_that_of_the_account_at_its_share_of_all() // A20
    {
        using var serverSecret = Secret.Random(32);
        PasswordCost[] accounts = [new(20_000, 2), PasswordCost.Least, new(20_000, 2), PasswordCost.Default, new(20_000, 9)];
        var costs = accounts.Aggregate(new PasswordCosts([], PasswordCost.Default), static (all, one) => all.With(one));
        PasswordCost[] ascending = [PasswordCost.Least, new(20_000, 2), new(20_000, 2), new(20_000, 9), PasswordCost.Default];
        foreach (var name in Enumerable.Range(0, 200).Select(static i => $"nobody{i}"))
        {
            byte[] input = [.. "countersign/1 scram fake cost"u8, 0, .. System.Text.Encoding.ASCII.GetBytes(name)];
            var share = new System.Numerics.BigInteger(HMACSHA256.HashData(serverSecret.Span, input).AsSpan(0, 8), isUnsigned: true, isBigEndian: true);
            using var record = AccountRecord.OfNobody(serverSecret, UserName.Parse(name), costs);
            Assert.Equal(ascending[(int)(5 * share >> 64)], record.Cost);
        }
    }

    [Fact]
    public void AC_03_nobodys_cost_never_falls_while_accounts_are_renewed_and_made()
    {
        using var serverSecret = Secret.Random(32);
        var names = Enumerable.Range(0, 50).Select(static i => UserName.Parse($"nobody{i}")).ToList();
        var costs = new PasswordCosts([(PasswordCost.Least, 20)], PasswordCost.Default);
        var before = names.ConvertAll(Cost);
        for (var step = 0; step < 20; step++)
        {
            costs = costs.Without(PasswordCost.Least).With(PasswordCost.Default);
            if (step % 3 == 0)
                costs = costs.With(PasswordCost.Default);
            var after = names.ConvertAll(Cost);
            Assert.All(before.Zip(after), static pair => Assert.Equal(pair.Second, pair.First.AtLeast(pair.Second)));
            before = after;
        }
        Assert.All(before, static cost => Assert.Equal(PasswordCost.Default, cost));

        PasswordCost Cost(UserName name)
        {
            using var record = AccountRecord.OfNobody(serverSecret, name, costs);
            return record.Cost;
        }
    }

    [Fact]
    public void SE_05_a_change_needs_the_old_password_this_link_and_this_record()
    {
        using var old = Right.ToRecord();
        using var next = Wrong.ToRecord();
        var link = Hash32.Sha256([3]);
        var proof = Scram.ProveChange(Right, link, next);
        Assert.Same(next, Scram.VerifyChange(old, link, next, proof).Next);

        using var swapped = new AccountRecord(next.Salt, next.Cost, Secret.CopyOf(next.StoredKey.Span), Secret.Random(32));
        using var costlier = new AccountRecord(next.Salt, PasswordCost.Default, Secret.CopyOf(next.StoredKey.Span), Secret.CopyOf(next.ServerKey.Span));
        using var salted = new AccountRecord(Salt16.Random(), next.Cost, Secret.CopyOf(next.StoredKey.Span), Secret.CopyOf(next.ServerKey.Span));
        Assert.Throws<ScramException>(() => Scram.VerifyChange(old, Hash32.Sha256([4]), next, proof));
        Assert.Throws<ScramException>(() => Scram.VerifyChange(old, link, swapped, proof)); // A13
        Assert.Throws<ScramException>(() => Scram.VerifyChange(old, link, costlier, proof));
        Assert.Throws<ScramException>(() => Scram.VerifyChange(old, link, salted, proof));
        Assert.Throws<ScramException>(() => Scram.VerifyChange(old, link, next, Scram.ProveChange(Wrong, link, next)));
        Assert.Throws<ScramException>(() => Scram.Verify(old, link, proof));
    }

    [Fact]
    public void SE_05_the_proof_covers_what_SPEC_says()
    {
        using var next = Wrong.ToRecord();
        var link = Hash32.Sha256([3]);
        using var password = Secret.CopyOf("right"u8);
        using var saltedPassword = Argon2.Hash(password, Salt, PasswordCost.Least);
        var clientKey = HMACSHA256.HashData(saltedPassword.Span, "countersign/1 scram client"u8);
        byte[] cost = [0x82, 0x19, 0x4c, 0x00, 0x02];
        byte[] record = [.. next.Salt.Span, .. cost, .. next.StoredKey.Span, .. next.ServerKey.Span];
        byte[] input = [.. "countersign/1 password change"u8, 0, .. link.Span, .. SHA256.HashData(record)];
        var mask = HMACSHA256.HashData(SHA256.HashData(clientKey), input);
        Assert.Equal(clientKey.Zip(mask, (a, b) => (byte)(a ^ b)), Scram.ProveChange(Right, link, next).Span.ToArray());
    }

    [Fact]
    public void Nothing_of_a_password_is_in_any_text()
    {
        using var record = Right.ToRecord();
        Assert.Equal("AccountRecord", record.ToString());
        Assert.Equal("LoginSecret", Right.ToString());
        Assert.Equal("LoginProof", Scram.Prove(Right, Challenge).ToString());
        Assert.Equal("Salt16", Salt.ToString());
    }
}
