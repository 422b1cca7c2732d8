/** Saves a text as a file, made when it is asked for. */
export function DownloadButton({ name, type, text, children }: { name: string; type: string; text: () => string; children: string }) {
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([text()], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    // The browser has taken hold of it by the next task.
    setTimeout(() => URL.revokeObjectURL(url));
  };
  return (
    <button className="button small" type="button" onClick={download}>
      {children}
    </button>
  );
}
