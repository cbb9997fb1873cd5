using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DicomPS.Transfers.Tests.Support;

/// <summary>A PostgreSQL of our own: a folder that goes away, a free port of this machine, an ordinary user.</summary>
public sealed class PostgresServer : IDisposable
{
    // It refuses to run as root; nobody has this number on every Linux.
    private const string OrdinaryUser = "65534";
    private readonly TestFolder _folder = new();
    private readonly string _data;

    private PostgresServer(string programs)
    {
        Programs = programs;
        _data = _folder.At("data");
        Port = FreePort();
    }

    public static string? Missing => Find() is null ? "PostgreSQL is not installed (Debian: postgresql)." : null;

    public int Port { get; }

    private string Programs { get; }

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="password">What it asks of its user; null for nothing.</param>
    public static PostgresServer Start(string? password = null)
    {
        var server = new PostgresServer(Find()!);
        string[] access = ["-A", "trust"];
        if (password is not null)
        {
            File.WriteAllText(server._folder.At("password"), password);
            access = ["-A", "scram-sha-256", "--pwfile", server._folder.At("password")];
        }

        if (Environment.IsPrivilegedProcess)
            Run("chown", "-R", OrdinaryUser, server._folder.Path);
        server.Call("initdb", ["-D", server._data, "-U", "dicomps", .. access, "-E", "UTF8", "--no-locale", "-N"]);
        server.Up();
        return server;
    }

    /// <summary>Starts it again.</summary>
    public void Up() => Call("pg_ctl", "-D", _data, "-w", "-t", "60", "-l", _folder.At("log"), "-o",
        $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c fsync=off", "start");

    /// <summary>Stops it at once, as a power cut would.</summary>
    public void Down() => Stop("immediate");

    /// <summary>Stops it as a service is stopped or restarted: it tells its sessions.</summary>
    public void DownInOrder() => Stop("fast");

    public void Dispose()
    {
        try
        {
            Down();
        }
        catch (InvalidOperationException)
        {
            // It was down.
        }

        _folder.Dispose();
    }

    private void Stop(string mode) => Call("pg_ctl", "-D", _data, "-w", "-m", mode, "stop");

    private void Call(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs, program);
        if (Environment.IsPrivilegedProcess)
            Run("setpriv", ["--reuid", OrdinaryUser, "--regid", OrdinaryUser, "--clear-groups", path, .. arguments]);
        else
            Run(path, arguments);
    }

    private static void Run(string program, params string[] arguments)
    {
        // Its output goes nowhere: the server inherits it, and a reader would wait for the server's end.
        string[] all = ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program, .. arguments];
        var start = new ProcessStartInfo("/bin/sh", string.Join(" ", all.Select(one => '"' + one.Replace("\"", "\\\"") + '"')))
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        if (!process.WaitForExit(120_000) || process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(" ", arguments)} failed.");
    }

    private static string? Find()
    {
        if (OperatingSystem.IsWindows())
            return null;
        var folders = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => folder, StringComparer.Ordinal).ToList() : [];
        return folders.Select(folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    internal static int FreePort()
    {
        // None that the system gives to whoever asks for any, as other tests do meanwhile.
        var random = new Random();
        while (true)
        {
            var port = random.Next(13000, 15000);
            var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
            finally
            {
                listener.Stop();
            }
        }
    }
}
