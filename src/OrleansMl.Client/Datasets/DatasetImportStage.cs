namespace OrleansMl.Client.Datasets;

/// <summary>What an import is doing.</summary>
public enum DatasetImportStage
{
    /// <summary>Bytes go to the gateway.</summary>
    Uploading = 0,

    /// <summary>The gateway reads, checks and stores the rows.</summary>
    Importing = 1,
}
