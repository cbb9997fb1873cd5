using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Serving;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that start a server which keeps what peers send: what it takes, and when it is kept.</summary>
public abstract class StoringCmdlet : ListeningCmdlet
{
    /// <summary>Takes storage SOP classes that the standard does not list as well.</summary>
    [Parameter]
    public SwitchParameter AllowUnknownSopClass { get; set; }

    /// <summary>Answers Success only once the disk itself has what came.</summary>
    [Parameter]
    public SwitchParameter FlushToDisk { get; set; }

    /// <summary>On Unix, files and folders of instances that nobody but this user may read.</summary>
    [Parameter]
    public SwitchParameter Private { get; set; }

    /// <summary>
    /// How long a study must be quiet, with no association open that brought some of it, before Wait-DicomStudy writes it: seconds or a
    /// TimeSpan.
    /// </summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan StudyQuietPeriod { get; set; } = StudyFeed.DefaultQuietPeriod;

    /// <summary>
    /// The folder for instances that come broken, outside that of the whole ones; without it they are deleted. Their senders hear a
    /// failure either way.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeepBroken { get; set; }
}
