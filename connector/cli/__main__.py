"""`python -m connector.cli`: the command where the installed script is not on the path."""

from connector.cli.app import main

if __name__ == "__main__":
    main()
