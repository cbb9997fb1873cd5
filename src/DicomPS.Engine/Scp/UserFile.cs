using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DicomPS.Compatibility;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>
/// Users and the hashes of their passcodes, a line each: name, algorithm, iterations, salt and hash, with tabs between. The passcode itself
/// stands nowhere. Read anew for each caller, so that what is changed counts at once. Any thread may use it.
/// </summary>
/// <param name="path">The file.</param>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no handle, since nobody asks for one.")]
internal sealed class UserFile(string path)
{
    /// <summary>How often a passcode is hashed: about a tenth of a second.</summary>
    public const int Iterations = 210_000;

    private const string Algorithm = "pbkdf2-sha512";
    private const string Head =
        "# DicomPS users, 1: name, algorithm, iterations, salt, hash. Set-DicomUser writes it; Remove-DicomUser takes one out.";

    private const int MostIterations = 10_000_000, MostBytes = 16 * 1024 * 1024, MostName = 64;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // Strangers must not keep all processors busy with hashing.
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The names.</summary>
    /// <exception cref="DicomException">The file cannot be read or understood.</exception>
    public IReadOnlyList<string> Names() => [.. Read().Keys];

    /// <summary>How often the passcode of each is hashed.</summary>
    /// <exception cref="DicomException">The file cannot be read or understood.</exception>
    public IReadOnlyDictionary<string, int> Rounds() => Read().ToDictionary(user => user.Key, user => user.Value.Iterations);

    /// <summary>Refuses what cannot be the name of a user.</summary>
    /// <exception cref="FormatException">It cannot.</exception>
    public static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Trim() != name || name.Length > MostName || name.Any(char.IsControl) || name[0] == '#'
            || name == AccessRule.NoUser || name.IndexOfAny(['*', '?']) >= 0)
            throw new FormatException(
                $"'{SafeText.Clean(name)}' cannot be a user: 1 to {MostName} characters, not beginning with #, no *, ? or tab, and not "
                + "None.");
    }

    /// <summary>Sets the passcode of a user, who may be new.</summary>
    public void Set(string name, string passcode)
    {
        CheckName(name);
        var users = Exists() ? Read() : new Dictionary<string, User>(StringComparer.Ordinal);
        var salt = new byte[16];
        using (var random = RandomNumberGenerator.Create())
            random.GetBytes(salt);
        users[name] = new User(Iterations, salt, PasswordHash.Derive(Utf8.GetBytes(passcode), salt, Iterations));
        Write(users);
    }

    /// <summary>Takes a user out; false where there was none of that name.</summary>
    /// <exception cref="DicomException">The file cannot be read or understood.</exception>
    public bool Remove(string name)
    {
        var users = Read();
        if (!users.Remove(name))
            return false;
        Write(users);
        return true;
    }

    /// <summary>Who a user identity is; null when it is not proved. A user that is not there takes as long as one that is.</summary>
    public async ValueTask<string?> CheckAsync(UserIdentityRq identity, CancellationToken cancellationToken)
    {
        if (identity.Kind != UserIdentityKind.UserNameAndPasscode)
            return null;
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Check(identity), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    private string? Check(UserIdentityRq identity)
    {
        var name = Utf8.GetString(identity.Primary.ToArray());
        var users = Read();
        var isKnown = users.TryGetValue(name, out var user);
        user ??= new User(Iterations, new byte[16], new byte[PasswordHash.Length]);
        var hash = PasswordHash.Derive(identity.Secondary.ToArray(), user.Salt, user.Iterations);
        return PasswordHash.AreSame(hash, user.Hash) & isKnown ? name : null;
    }

    private void Write(Dictionary<string, User> users)
    {
        var text = new StringBuilder(Head).Append('\n');
        foreach (var user in users.OrderBy(user => user.Key, StringComparer.Ordinal))
            text.Append(user.Key).Append('\t').Append(Algorithm).Append('\t')
                .Append(user.Value.Iterations.ToString(CultureInfo.InvariantCulture)).Append('\t')
                .Append(Convert.ToBase64String(user.Value.Salt)).Append('\t').Append(Convert.ToBase64String(user.Value.Hash)).Append('\n');
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = PrivateFiles.Open(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                var bytes = Utf8.GetBytes(text.ToString());
                stream.Write(bytes, 0, bytes.Length);
                stream.Flush(flushToDisk: true);
            }

            if (Exists())
                File.Replace(temporary, path, null);
            else
                File.Move(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private bool Exists() => File.Exists(path);

    private Dictionary<string, User> Read()
    {
        var users = new Dictionary<string, User>(StringComparer.Ordinal);
        var number = 0;
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw Broken("it is too large", null);
            foreach (var line in File.ReadLines(path, Utf8))
            {
                number++;
                if (line.Length == 0 || line[0] == '#')
                    continue;
                var parts = line.Split('\t');
                if (parts.Length != 5 || parts[1] != Algorithm
                    || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
                    || iterations is < 1 or > MostIterations
                    || Convert.FromBase64String(parts[4]) is not { Length: PasswordHash.Length } hash)
                    throw Broken($"line {number} is no user", null);
                users[parts[0]] = new User(iterations, Convert.FromBase64String(parts[3]), hash);
            }

            return users;
        }
        catch (FormatException problem)
        {
            throw Broken($"line {number} is no user", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Broken(problem.Message, problem);
        }
    }

    private DicomException Broken(string why, Exception? problem) => new($"The file of users '{path}' cannot be read: {why}.", problem)
    {
        Stage = DicomStage.File,
        Advice = "Set-DicomUser makes such a file. It is left as it is.",
    };

    private sealed record User(int Iterations, byte[] Salt, byte[] Hash);
}
