"""A package of another Debian release, unpacked into a folder; nothing is installed.

apt does the work, with lists and caches of its own, and checks signatures as it does for the system. Where the mirror is,
the system's own sources say.
"""
import os
import re
import shutil
import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Unavailable(Exception):
    """One sentence: what could not be had, and from where."""


def output_of(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout


def mirror():
    """The address from which this system takes its own release."""
    with open("/etc/os-release", encoding="utf-8") as file:
        release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', file.read(), re.MULTILINE)).get("VERSION_CODENAME", "")
    try:
        lines = output_of("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(SITE)").splitlines()
    except (OSError, subprocess.CalledProcessError):
        raise Unavailable("apt-get is not here or fails; packages of other releases need a Debian system") from None
    for line in lines:
        if line.startswith(f"{release} main "):
            return line.split()[2]
    raise Unavailable(f"the sources of apt name no mirror of main for this release ('{release}')")


class Suite:
    """One release, with what was fetched of it in `folder`."""

    def __init__(self, name, folder):
        self.name, self.folder, self.root = name, folder, os.path.join(folder, "root")
        self.options = []
        for option, value in (("Dir::Etc::sourcelist", self._path("sources.list")), ("Dir::Etc::sourceparts", "-"),
                              ("Dir::State::lists", self._path("lists")), ("Dir::Cache", self._path("cache")),
                              ("Dir::State::status", "/dev/null"), ("Acquire::Languages", "none"),
                              ("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled", "false"),
                              ("APT::Update::Error-Mode", "any"), ("Acquire::Retries", "1"),
                              ("Acquire::http::Timeout", "20")):
            self.options += ["-o", f"{option}={value}"]
        if os.geteuid() == 0:
            self.options += ["-o", "APT::Sandbox::User=root"]

    def _path(self, *parts):
        return os.path.join(self.folder, *parts)

    def _apt(self, program, *arguments):
        return output_of(program, *self.options, *arguments, cwd=self.folder)

    def _update(self):
        where = mirror()
        for below in ("lists/partial", "cache/archives/partial"):
            os.makedirs(self._path(below), exist_ok=True)
        with open(self._path("sources.list"), "w", encoding="utf-8") as file:
            file.write(f"deb [signed-by={KEYRING}] {where} {self.name} main\n")
        try:
            self._apt("apt-get", "update")
        except subprocess.CalledProcessError:
            raise Unavailable(f"no packages of {self.name} are here, and the mirror {where} could not be reached "
                              f"or does not have them") from None

    def depends(self, package):
        found = re.findall(r"^\s*Depends: ([\w.+-]+)$", self._apt("apt-cache", "depends", package), re.MULTILINE)
        return sorted(set(found))

    def has_newer_libc(self):
        """Whether what was built for it may not run on this system's C library."""
        theirs = re.search(r"^Version: (\S+)$", self._apt("apt-cache", "show", "libc6"), re.MULTILINE).group(1)
        ours = output_of("dpkg-query", "-W", "-f=${Version}", "libc6")
        # Its fixes within a release are no new version.
        strip = lambda version: version.split("-")[0]  # noqa: E731
        return subprocess.run(["dpkg", "--compare-versions", strip(theirs), "gt", strip(ours)], check=False).returncode == 0

    def fetch(self, choose):
        """Unpacks the packages that choose(self) names into self.root, unless they are there."""
        done = self._path("fetched")
        if os.path.exists(done):
            return
        self._update()
        for old in (self.root, self._path("packages")):
            shutil.rmtree(old, ignore_errors=True)
        os.makedirs(self._path("packages"))
        try:
            output_of("apt-get", *self.options, "download", *choose(self), cwd=self._path("packages"))
        except subprocess.CalledProcessError:
            raise Unavailable(f"the packages of {self.name} could not be fetched from the mirror") from None
        for package in sorted(os.listdir(self._path("packages"))):
            output_of("dpkg", "-x", self._path("packages", package), self.root)
        with open(done, "w", encoding="utf-8") as file:
            file.write("\n".join(sorted(os.listdir(self._path("packages")))) + "\n")
