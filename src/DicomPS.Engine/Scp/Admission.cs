using DicomPS.Associations;

namespace DicomPS.Scp;

/// <summary>Judges callers by the rules of a server, and counts those that it lets in. Any thread may use it.</summary>
internal sealed class Admission
{
    private readonly IReadOnlyList<RuleUse>? _rules;
    private readonly bool _hasRules;

    /// <param name="options">The options of the server.</param>
    /// <param name="time">The clock, by which a day ends.</param>
    public Admission(DicomServerOptions options, TimeProvider time)
    {
        _hasRules = options.Allow is { };
        // A title of the short form is a rule of its own, for everything from anywhere.
        var titles = (options.AllowedCallingAETitles ?? []).Select(title => new AccessRule { Titles = [title], IsLiteral = true });
        if (_hasRules || options.AllowedCallingAETitles is { })
            _rules = [.. titles.Concat(options.Allow ?? []).Select(rule => new RuleUse(rule, time))];
    }

    /// <summary>Whether somebody is let in only by a rule.</summary>
    public bool IsOpen => _rules is null;

    /// <summary>The rules, as they are written.</summary>
    public override string ToString() => string.Join("; ", (_rules ?? []).Select(use => use.Rule));

    /// <summary>Judges a caller.</summary>
    /// <param name="caller">Who it is.</param>
    /// <param name="user">The user that it has proved to be; null for none.</param>
    /// <param name="checksUsers">Whether the server proves users: then who names none is let in by a rule that says so alone.</param>
    /// <param name="denial">Why it gets no association; null when it does.</param>
    /// <returns>What it may do; to be disposed of at the end of the association. Null when it is denied.</returns>
    public Grant? Admit(Caller caller, string? user, bool checksUsers, out Denial? denial)
    {
        denial = null;
        if (_rules is null)
        {
            if (user is { } || !checksUsers)
                return Grant.Any;
            denial = Nobody(caller);
            return null;
        }

        var fitting = Fitting(caller);
        denial = StrangerAmong(fitting, caller);
        if (denial is { })
            return null;

        var welcome = checksUsers ? fitting.FindAll(use => use.Rule.FitsUser(user)) : fitting;
        if (welcome.Count == 0)
        {
            denial = user is null ? Nobody(caller) : new Denial(1, 1, false,
                $"The user '{user}' is named by no rule of -Allow that fits '{caller.CallingAETitle}'.",
                "Add the user to the rule that is meant for the caller (User = ...).");
            return null;
        }

        var entered = welcome.FindAll(use => use.TryEnter());
        if (entered.Count > 0)
            return new Grant(entered.Aggregate(AccessServices.None, (all, use) => all | use.Rule.Services), entered);
        denial = new Denial(3, 2, true,
            $"The rule '{welcome[0].Rule}' has as many associations open as it allows; '{caller.CallingAETitle}' was refused for the "
            + "moment.",
            "A device that holds associations open, or MaximumAssociations of the rule is too small for it.");
        return null;
    }

    /// <summary>Why a caller gets in under no user at all; null when it depends on its user.</summary>
    public Denial? Stranger(Caller caller) => _rules is null ? null : StrangerAmong(Fitting(caller), caller);

    private List<RuleUse> Fitting(Caller caller) =>
        [.. _rules!.Where(use => use.Rule.Fits(caller.CallingAETitle, caller.RemoteEndPoint.Address, caller.Certificate))];

    private Denial? StrangerAmong(List<RuleUse> fitting, Caller caller) => fitting.Count > 0 ? null : Unknown(caller);

    private Denial Unknown(Caller caller)
    {
        if (!_hasRules)
            return new Denial(1, 3, false, null, null);
        var title = caller.CallingAETitle;
        var named = _rules!.Where(use => use.Rule.FitsTitle(title)).Select(use => use.Rule).ToList();
        var here = named.Find(rule => rule.Addresses.Count == 0
            || rule.Addresses.Any(range => range.Contains(caller.RemoteEndPoint.Address)));
        var why = here is { } ? $"The rule '{here}' fits '{title}' at this address, and it showed {Shown(caller)}."
            : named.Count > 0 ? $"The rule '{named[0]}' names '{title}', and not this address."
            : $"No rule of -Allow names the calling AE title '{title}' at this address.";
        return new Denial(1, 3, false, why, here is { }
            ? "Give the caller the certificate whose thumbprint the rule has, or put the thumbprint of its own into the rule."
            : $"If it is a system that may call, add a rule such as '{Suggestion(caller)}' to -Allow; else nothing has to be done.");
    }

    private static string Suggestion(Caller caller) =>
        $"{caller.CallingAETitle}@{caller.RemoteEndPoint.Address}:Echo,Store";

    private static string Shown(Caller caller) => caller.Certificate is null ? "no certificate" : "another certificate";

    private static Denial Nobody(Caller caller) => new(1, 1, false,
        $"'{caller.CallingAETitle}' named no user, and this server wants one with a passcode.",
        "Give the caller a user (user identity negotiation), or let it in without one by a rule of -Allow with User = 'None'.");
}
