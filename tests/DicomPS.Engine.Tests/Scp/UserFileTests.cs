using System.Text;
using DicomPS.Compatibility;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Scp;

public sealed class UserFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
        + "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce")]
    [InlineData(2, "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c"
        + "f76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e")]
    public void A_hash_is_that_of_PBKDF2_with_SHA_512(int iterations, string hash) => Assert.Equal(hash.ToUpperInvariant(),
        BitConverter.ToString(PasswordHash.Derive(Encoding.ASCII.GetBytes("password"), Encoding.ASCII.GetBytes("salt"), iterations))
            .Replace("-", "", StringComparison.Ordinal));

    [Theory]
    [InlineData(new byte[] { 1, 2 }, new byte[] { 1, 2 }, true)]
    [InlineData(new byte[] { 1, 2 }, new byte[] { 1, 3 }, false)]
    [InlineData(new byte[] { 1, 2 }, new byte[] { 1 }, false)]
    [InlineData(new byte[] { }, new byte[] { }, true)]
    public void Hashes_are_the_same_or_not(byte[] one, byte[] other, bool areSame) =>
        Assert.Equal(areSame, PasswordHash.AreSame(one, other));

    [Fact]
    public async Task Only_the_name_with_its_passcode_is_proved()
    {
        var file = new UserFile(_folder.NewPath(".txt"));
        file.Set("reader", "s\u00e9cret");
        Assert.Equal("reader", await CheckAsync(UserIdentityRq.ForUser("reader", "s\u00e9cret")));
        Assert.Null(await CheckAsync(UserIdentityRq.ForUser("reader", "secret")));
        Assert.Null(await CheckAsync(UserIdentityRq.ForUser("Reader", "s\u00e9cret")));
        Assert.Null(await CheckAsync(UserIdentityRq.ForUser("reader")));
        Assert.Null(await CheckAsync(UserIdentityRq.ForUser("", "")));
        Assert.Null(await CheckAsync(new UserIdentityRq(UserIdentityKind.Jwt, false, new byte[10], default)));

        async Task<string?> CheckAsync(UserIdentityRq identity) => await file.CheckAsync(identity, Token);
    }

    [Theory]
    [InlineData("reader\tpbkdf2-sha512\t210000\tAA==")]
    [InlineData("reader\tmd5\t210000\tAA==\tAA==")]
    [InlineData("reader\tpbkdf2-sha512\t99999999\tAA==\tAA==")]
    [InlineData("reader\tpbkdf2-sha512\t1\tAA==\t")]
    [InlineData("reader\tpbkdf2-sha512\t1\t!\tAA==")]
    public void A_line_that_is_no_user_is_said_and_proves_nobody(string line)
    {
        var path = _folder.NewPath(".txt");
        File.WriteAllText(path, $"# head\n\n{line}\n");
        Assert.Contains("line 3 is no user", Assert.Throws<DicomException>(() => new UserFile(path).Names()).Message);
    }
}
