using System.Diagnostics;
using System.Globalization;

namespace DicomPS.Services;

/// <summary>Tells a process from a later one with the same number: by the moment at which it was started.</summary>
internal static class ProcessMark
{
    /// <summary>The mark of a process that runs; null when there is none, or none that may be looked at.</summary>
    public static string? Of(int id)
    {
        try
        {
            if (!ServicePlaces.IsLinux)
            {
                using var process = Process.GetProcessById(id);
                return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
            }

            // proc(5): field 22 is the start in ticks since the boot, field 3 the state; the second one, in parentheses, may hold anything.
            var text = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            var fields = text.Substring(text.LastIndexOf(')') + 2).Split(' ');
            return fields[0] is "Z" or "X" ? null : $"{fields[19]} {File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException
            or System.ComponentModel.Win32Exception or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
