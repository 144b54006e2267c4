using OrleansMl.Contracts.Trust;

namespace OrleansMl.Core.Trust;

/// <summary>What roles permit: the one place.</summary>
public static class RolePermissions
{
    /// <summary>Every permission.</summary>
    public const Permission All =
        Permission.Read
        | Permission.Predict
        | Permission.Train
        | Permission.Operate
        | Permission.Administer;

    /// <summary>The permissions of a role.</summary>
    public static Permission Of(AccessRole role) =>
        role switch
        {
            AccessRole.Reader => Permission.Read,
            AccessRole.Predictor => Permission.Predict,
            AccessRole.Trainer => Permission.Read | Permission.Predict | Permission.Train,
            AccessRole.Operator => Permission.Read
                | Permission.Predict
                | Permission.Train
                | Permission.Operate,
            AccessRole.Admin => All,
            // A role of a newer release gives nothing here.
            _ => Permission.None,
        };

    /// <summary>The permissions of all roles together.</summary>
    public static Permission Of(IEnumerable<AccessRole> roles)
    {
        ArgumentNullException.ThrowIfNull(roles);
        return roles.Aggregate(Permission.None, (all, role) => all | Of(role));
    }

    /// <summary>The roles that have any of the permissions, for messages.</summary>
    public static string RolesWith(Permission any) =>
        string.Join(
            ", ",
            Enum.GetValues<AccessRole>()
                .Where(role => (Of(role) & any) != Permission.None)
                .Select(role => role.ToString().ToLowerInvariant())
        );
}
